DROP FUNCTION give_node_away(uuid, text, timestamptz, text, timestamptz);
DROP FUNCTION release_node(uuid, text, timestamptz, boolean, timestamptz);
DROP TRIGGER nodes_begin_password ON nodes;
DROP FUNCTION begin_password();
ALTER TABLE nodes DROP COLUMN password_ended_at;
