# What people type about themselves.
person-name = ឈ្មោះពេញ
contact-bad = នេះមិនមែនលេខទូរស័ព្ទ ឬអ៊ីមែលទេ។ សូមវាយដូចជា 012 345 678។
