-- A view stays while its column changes the type
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
CREATE VIEW v AS SELECT id, a FROM t;
-- after
CREATE TABLE t (id INT PRIMARY KEY, a BIGINT);
CREATE VIEW v AS SELECT id, a FROM t;
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` bigint(20) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` bigint DEFAULT NULL
