-- A computed BIT takes a number by its value, and bytes as they are
-- before
CREATE TABLE a (id INT PRIMARY KEY, gone DATETIME);
CREATE TABLE b (id INT PRIMARY KEY, x INT);
CREATE TABLE c (id INT PRIMARY KEY, x INT);
-- data
INSERT INTO a VALUES (1, NULL), (2, '2026-11-30');
INSERT INTO b VALUES (1, 0), (2, 255), (3, NULL);
INSERT INTO c VALUES (1, 1), (2, 2);
-- after
CREATE TABLE a (id INT PRIMARY KEY, gone DATETIME, active BIT(1) AS (IF(gone IS NULL, b'1', b'0')) STORED);
CREATE TABLE b (id INT PRIMARY KEY, x INT, g BIT(8) AS (x) STORED);
CREATE TABLE c (id INT PRIMARY KEY, x INT, g BIT(1) AS (x = 2) STORED);
-- expect mariadb
add_column: ALTER TABLE `a` ADD COLUMN `active` bit(1) GENERATED ALWAYS AS (if(`gone` is null,0x01,0x00)) STORED
add_column: ALTER TABLE `b` ADD COLUMN `g` bit(8) GENERATED ALWAYS AS (`x`) STORED
add_column: ALTER TABLE `c` ADD COLUMN `g` bit(1) GENERATED ALWAYS AS (`x` = 2) STORED
-- expect mysql
add_column: ALTER TABLE `a` ADD COLUMN `active` bit(1) GENERATED ALWAYS AS (if((`gone` is null),0x01,0x00)) STORED
add_column: ALTER TABLE `b` ADD COLUMN `g` bit(8) GENERATED ALWAYS AS (`x`) STORED
add_column: ALTER TABLE `c` ADD COLUMN `g` bit(1) GENERATED ALWAYS AS ((`x` = 2)) STORED
