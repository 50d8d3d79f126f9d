DROP FUNCTION end_session(text, timestamptz);
