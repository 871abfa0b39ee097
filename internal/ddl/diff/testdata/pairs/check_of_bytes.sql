Checks compare columns of bytes with texts, which MySQL makes bytes of once it has altered the table.
-- before
CREATE TABLE t (id INT PRIMARY KEY, b BINARY(4) NOT NULL, v VARBINARY(20), CONSTRAINT k1 CHECK (b <> 'it''s'), CONSTRAINT k2 CHECK (v NOT LIKE '%@%'));
CREATE TABLE u (id INT PRIMARY KEY, b VARBINARY(20), CONSTRAINT k3 CHECK (b <> 'x'));
-- after
CREATE TABLE t (id BIGINT PRIMARY KEY, b BINARY(4) NOT NULL, v VARBINARY(20), CONSTRAINT k1 CHECK (b <> 'it''s'), CONSTRAINT k2 CHECK (v NOT LIKE '%@%'));
CREATE TABLE u (id INT PRIMARY KEY, b VARCHAR(20), CONSTRAINT k3 CHECK (b <> 'x'));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `id` bigint(20) NOT NULL
modify_column: ALTER TABLE `u` MODIFY COLUMN `b` varchar(20) DEFAULT NULL
  reason: column `u`.`b`: values are converted from varbinary(20) to varchar(20)
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `id` bigint NOT NULL
alter_table: ALTER TABLE `u` DROP CHECK `k3`, MODIFY COLUMN `b` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT NULL, ADD CONSTRAINT `k3` CHECK ((`b` <> _utf8mb4'x'))
  reason: column `u`.`b`: values are converted from varbinary(20) to varchar(20); check `u`.`k3`: added again, because a column that it looks at holds bytes no longer; fails while a row violates it
