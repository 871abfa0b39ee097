-- Several FULLTEXT keys come one at a time
-- before
CREATE TABLE t (id INT PRIMARY KEY, a TEXT, b TEXT, c TEXT, FULLTEXT KEY fz (c));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a TEXT, b TEXT, c TEXT, d INT, FULLTEXT KEY fa (a), FULLTEXT KEY fb (b), FULLTEXT KEY fab (a, b));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP INDEX `fz`, ADD COLUMN `d` int(11) DEFAULT NULL
add_index: ALTER TABLE `t` ADD FULLTEXT KEY `fa` (`a`)
add_index: ALTER TABLE `t` ADD FULLTEXT KEY `fb` (`b`)
add_index: ALTER TABLE `t` ADD FULLTEXT KEY `fab` (`a`,`b`)
-- expect mysql
alter_table: ALTER TABLE `t` DROP INDEX `fz`, ADD COLUMN `d` int DEFAULT NULL
add_index: ALTER TABLE `t` ADD FULLTEXT KEY `fa` (`a`)
add_index: ALTER TABLE `t` ADD FULLTEXT KEY `fb` (`b`)
add_index: ALTER TABLE `t` ADD FULLTEXT KEY `fab` (`a`,`b`)
