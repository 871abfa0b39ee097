-- BINARY fills shorter values up with zero bytes
-- before
CREATE TABLE t (id INT PRIMARY KEY, a BINARY(2));
-- data
INSERT INTO t VALUES (1, 'ab'), (2, NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a BINARY(4));
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` binary(4) DEFAULT NULL
  lost: the length of values of `t`.`a`
  reason: column `t`.`a`: BINARY fills values up with zero bytes
  found: 1 row of `t` violates the new type of `a`: shorter than 4 bytes, e.g. `id` 1
