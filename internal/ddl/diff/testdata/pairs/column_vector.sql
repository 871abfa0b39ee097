-- Vectors
-- servers mysql mariadb-11
-- before
CREATE TABLE t (id INT PRIMARY KEY);
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VECTOR(4) NOT NULL);
-- expect
add_column: ALTER TABLE `t` ADD COLUMN `v` vector(4) NOT NULL
  reason: column `t`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type
