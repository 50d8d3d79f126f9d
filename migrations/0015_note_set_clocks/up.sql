-- A clock that was wrong and is then set must not be corrected any more: from which message on.
ALTER TABLE node_boots ADD COLUMN clock_set_seq bigint;
COMMENT ON COLUMN node_boots.clock_set_seq IS 'The first seq whose times are right because the node''s clock was set; NULL while clock_offset_ms holds for all.';
