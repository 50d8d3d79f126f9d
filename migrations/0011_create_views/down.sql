DROP FUNCTION session_account(text, timestamptz);
DROP FUNCTION sign_in_account(text);
DROP VIEW members;
DROP VIEW latest_values;
DROP VIEW sensor_readings;
