-- A reference system that all values are in
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, a POINT NOT NULL);
-- data
INSERT INTO t VALUES (1, ST_GeomFromText('POINT(1 2)', 4326));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a POINT NOT NULL SRID 4326);
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` point NOT NULL SRID 4326
  reason: column `t`.`a`: the server refuses values in another reference system than 4326
