A column of any geometry that is to hold points.
-- before
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, g GEOMETRY NOT NULL);
CREATE TABLE b (id INT NOT NULL PRIMARY KEY, g GEOMETRY NOT NULL);
-- data
INSERT INTO a VALUES (1, ST_GeomFromText('POINT(1 1)')), (2, ST_GeomFromText('LINESTRING(0 0,1 1)'));
INSERT INTO b VALUES (1, ST_GeomFromText('POINT(1 1)'));
-- after
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, g POINT NOT NULL);
CREATE TABLE b (id INT NOT NULL PRIMARY KEY, g POINT NOT NULL);
-- expect mariadb
modify_column: ALTER TABLE `a` MODIFY COLUMN `g` point NOT NULL
  reason: column `a`.`g`: the server refuses values that are no point
  found: 1 row of `a` violates the new type of `g`: no point, e.g. `id` 2
modify_column: ALTER TABLE `b` MODIFY COLUMN `g` point NOT NULL
  reason: column `b`.`g`: the server refuses values that are no point
refused: 1366: ALTER TABLE `a` MODIFY COLUMN `g` point NOT NULL
-- expect mysql
modify_column: ALTER TABLE `a` MODIFY COLUMN `g` point NOT NULL
  reason: column `a`.`g`: the server refuses values that are no point
  found: 1 row of `a` violates the new type of `g`: no point, e.g. `id` 2
modify_column: ALTER TABLE `b` MODIFY COLUMN `g` point NOT NULL
  reason: column `b`.`g`: the server refuses values that are no point
refused: 1416: ALTER TABLE `a` MODIFY COLUMN `g` point NOT NULL
