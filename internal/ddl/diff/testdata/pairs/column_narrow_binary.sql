-- Shorter binary values
-- before
CREATE TABLE t (id BINARY(4) PRIMARY KEY, a VARBINARY(20), b BLOB);
-- data
INSERT INTO t VALUES ('abcd', 'xxxxxx', 'y');
-- after
CREATE TABLE t (id BINARY(4) PRIMARY KEY, a VARBINARY(5), b TINYBLOB);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` varbinary(5) DEFAULT NULL, MODIFY COLUMN `b` tinyblob DEFAULT NULL
  reason: column `t`.`a`: a strict server refuses values longer than 5 bytes; column `t`.`b`: a strict server refuses values longer than 255 bytes
  found: 1 row of `t` violates the new type of `a`: longer than 5 bytes, e.g. `id` 61626364
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `a` varbinary(5) DEFAULT NULL, MODIFY COLUMN `b` tinyblob DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` varbinary(5) DEFAULT NULL, MODIFY COLUMN `b` tinyblob
  reason: column `t`.`a`: a strict server refuses values longer than 5 bytes; column `t`.`b`: a strict server refuses values longer than 255 bytes
  found: 1 row of `t` violates the new type of `a`: longer than 5 bytes, e.g. `id` 61626364
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `a` varbinary(5) DEFAULT NULL, MODIFY COLUMN `b` tinyblob
