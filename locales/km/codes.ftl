# Codes that people type.
code-label = លេខកូដ
code-help = អក្សរនិងលេខ 8 តួ ដូចជា K7RM 4PXD
code-bad = លេខកូដមានអក្សរនិងលេខ 8 តួ ហើយគ្មាន 0, O, 1 ឬ I ទេ។ សូមវាយម្ដងទៀត។
code-other = វាយលេខកូដផ្សេង
