-- Points with a reference system and their index
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, g POINT NOT NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, g POINT NOT NULL SRID 4326, SPATIAL KEY (g));
-- expect
alter_table: ALTER TABLE `t` MODIFY COLUMN `g` point NOT NULL SRID 4326, ADD SPATIAL KEY `g` (`g`)
  reason: column `t`.`g`: the server refuses values in another reference system than 4326
