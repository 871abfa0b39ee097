-- A reference system that values are not in
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, a POINT NOT NULL);
-- data
INSERT INTO t VALUES (1, ST_GeomFromText('POINT(1 2)', 4326)), (2, ST_GeomFromText('POINT(1 2)'));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a POINT NOT NULL SRID 4326);
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` point NOT NULL SRID 4326
  reason: column `t`.`a`: the server refuses values in another reference system than 4326
  found: 1 row of `t` violates the new type of `a`: another reference system than 4326, e.g. `id` 2
refused: 3643: ALTER TABLE `t` MODIFY COLUMN `a` point NOT NULL SRID 4326
