-- An index that the optimizer does not see, in MariaDB's words
-- servers mariadb
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY ka (a) IGNORED, KEY kb (b));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY ka (a), KEY kb (b) IGNORED, KEY kc (b, a) IGNORED);
-- expect
alter_table: ALTER TABLE `t` ALTER INDEX `ka` NOT IGNORED, ALTER INDEX `kb` IGNORED, ADD KEY `kc` (`b`,`a`) IGNORED
