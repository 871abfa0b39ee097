A reference system changes under a spatial key, which is gone for one statement and stays where values forbid it.
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, g POINT NOT NULL SRID 0, SPATIAL KEY k (g));
CREATE TABLE u (id INT PRIMARY KEY, g POINT NOT NULL, SPATIAL KEY k (g));
CREATE TABLE w (id INT PRIMARY KEY, g POINT NOT NULL SRID 0, v INT, SPATIAL KEY k (g));
-- data
INSERT INTO t VALUES (1, ST_GeomFromText('POINT(1 2)', 0));
INSERT INTO u VALUES (1, ST_GeomFromText('POINT(1 2)', 4326));
-- after
CREATE TABLE t (id INT PRIMARY KEY, g POINT NOT NULL SRID 4326, SPATIAL KEY k (g));
CREATE TABLE u (id INT PRIMARY KEY, g POINT NOT NULL SRID 4326, SPATIAL KEY k (g));
CREATE TABLE w (id INT PRIMARY KEY, g POINT NOT NULL SRID 4326, v BIGINT, SPATIAL KEY k (g));
-- expect
modify_column: ALTER TABLE `w` MODIFY COLUMN `v` bigint DEFAULT NULL
drop_index: ALTER TABLE `t` DROP INDEX `k`
alter_table: ALTER TABLE `t` MODIFY COLUMN `g` point NOT NULL SRID 4326, ADD SPATIAL KEY `k` (`g`)
  reason: column `t`.`g`: the server refuses values in another reference system than 4326
  found: 1 row of `t` violates the new type of `g`: another reference system than 4326, e.g. `id` 1
drop_index: ALTER TABLE `u` DROP INDEX `k`
alter_table: ALTER TABLE `u` MODIFY COLUMN `g` point NOT NULL SRID 4326, ADD SPATIAL KEY `k` (`g`)
  reason: column `u`.`g`: the server refuses values in another reference system than 4326
drop_index: ALTER TABLE `w` DROP INDEX `k`
alter_table: ALTER TABLE `w` MODIFY COLUMN `g` point NOT NULL SRID 4326, ADD SPATIAL KEY `k` (`g`)
  reason: column `w`.`g`: the server refuses values in another reference system than 4326
refused: 3643: ALTER TABLE `t` MODIFY COLUMN `g` point NOT NULL SRID 4326, ADD SPATIAL KEY `k` (`g`)
