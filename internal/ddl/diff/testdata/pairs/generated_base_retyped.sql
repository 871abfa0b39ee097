-- The column below a generated one changes its type
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, g BIGINT AS (a + 1) VIRTUAL, KEY kg (g));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a BIGINT, g BIGINT AS (a + 1) VIRTUAL, KEY kg (g));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` bigint(20) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` bigint DEFAULT NULL
