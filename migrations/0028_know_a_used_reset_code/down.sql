DROP FUNCTION used_reset_code_of(text, timestamptz);
