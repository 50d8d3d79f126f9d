DROP TABLE device_configs;
DROP TABLE devices;
DROP TABLE houses;
DROP TABLE node_boots;
DROP TABLE nodes;
DROP TYPE device_kind;
DROP TYPE device_type;
DROP TYPE bird_kind;
