DROP TABLE leases;
DROP TABLE quarantine;
DROP TABLE latest_readings;
DROP TABLE readings;
DROP TABLE series;
DROP SEQUENCE readings_batch_id;
