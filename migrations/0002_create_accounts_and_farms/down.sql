DROP TABLE user_sessions;
DROP FUNCTION refuse_revival();
DROP TABLE farm_users;
DROP TABLE farms;
DROP TABLE users;
DROP TYPE user_role;
