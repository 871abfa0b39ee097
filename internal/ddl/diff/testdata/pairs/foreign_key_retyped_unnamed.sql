-- Both ends of foreign keys get another type, and the indexes are the server's own
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE d (id INT PRIMARY KEY, pid INT, CONSTRAINT f_old FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id BIGINT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid BIGINT, FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE d (id INT PRIMARY KEY, pid BIGINT, CONSTRAINT f_new FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE);
-- expect mariadb
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `c_ibfk_1`
  reason: foreign key `c`.`c_ibfk_1`: dropped and added again: column `c`.`pid` changes
drop_foreign_key: ALTER TABLE `d` DROP FOREIGN KEY `f_old`
modify_column: ALTER TABLE `c` MODIFY COLUMN `pid` bigint(20) DEFAULT NULL
alter_table: ALTER TABLE `d` MODIFY COLUMN `pid` bigint(20) DEFAULT NULL, RENAME INDEX `f_old` TO `f_new`
modify_column: ALTER TABLE `p` MODIFY COLUMN `id` bigint(20) NOT NULL
alter_table: ALTER TABLE `c` DROP INDEX `pid`, ADD KEY `pid` (`pid`), ADD CONSTRAINT `c_ibfk_1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: index `c`.`pid`: added again, because a server that made it for a foreign key would give it up for the new one; foreign key `c`.`c_ibfk_1`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
add_foreign_key: ALTER TABLE `d` ADD CONSTRAINT `f_new` FOREIGN KEY (`pid`) REFERENCES `p` (`id`) ON DELETE CASCADE
  reason: foreign key `d`.`f_new`: fails while a row has no parent
-- expect mysql
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `c_ibfk_1`
  reason: foreign key `c`.`c_ibfk_1`: dropped and added again: column `c`.`pid` changes
drop_foreign_key: ALTER TABLE `d` DROP FOREIGN KEY `f_old`
modify_column: ALTER TABLE `c` MODIFY COLUMN `pid` bigint DEFAULT NULL
alter_table: ALTER TABLE `d` MODIFY COLUMN `pid` bigint DEFAULT NULL, RENAME INDEX `f_old` TO `f_new`
modify_column: ALTER TABLE `p` MODIFY COLUMN `id` bigint NOT NULL
alter_table: ALTER TABLE `c` DROP INDEX `pid`, ADD KEY `pid` (`pid`), ADD CONSTRAINT `c_ibfk_1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: index `c`.`pid`: added again, because a server that made it for a foreign key would give it up for the new one; foreign key `c`.`c_ibfk_1`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
add_foreign_key: ALTER TABLE `d` ADD CONSTRAINT `f_new` FOREIGN KEY (`pid`) REFERENCES `p` (`id`) ON DELETE CASCADE
  reason: foreign key `d`.`f_new`: fails while a row has no parent
