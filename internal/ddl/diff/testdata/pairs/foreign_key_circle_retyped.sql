-- Tables that need each other change their keys
-- before
SET foreign_key_checks = 0;
CREATE TABLE a (id INT PRIMARY KEY, b INT, CONSTRAINT fa FOREIGN KEY (b) REFERENCES b (id));
CREATE TABLE b (id INT PRIMARY KEY, a INT, CONSTRAINT fb FOREIGN KEY (a) REFERENCES a (id));
SET foreign_key_checks = 1;
-- after
SET foreign_key_checks = 0;
CREATE TABLE a (id BIGINT PRIMARY KEY, b BIGINT, CONSTRAINT fa FOREIGN KEY (b) REFERENCES b (id));
CREATE TABLE b (id BIGINT PRIMARY KEY, a BIGINT, CONSTRAINT fb FOREIGN KEY (a) REFERENCES a (id));
SET foreign_key_checks = 1;
-- expect mariadb
drop_foreign_key: ALTER TABLE `a` DROP FOREIGN KEY `fa`
  reason: foreign key `a`.`fa`: dropped and added again: column `a`.`b` changes
drop_foreign_key: ALTER TABLE `b` DROP FOREIGN KEY `fb`
  reason: foreign key `b`.`fb`: dropped and added again: column `b`.`a` changes
modify_column: ALTER TABLE `a` MODIFY COLUMN `id` bigint(20) NOT NULL, MODIFY COLUMN `b` bigint(20) DEFAULT NULL
modify_column: ALTER TABLE `b` MODIFY COLUMN `id` bigint(20) NOT NULL, MODIFY COLUMN `a` bigint(20) DEFAULT NULL
add_foreign_key: ALTER TABLE `a` ADD CONSTRAINT `fa` FOREIGN KEY (`b`) REFERENCES `b` (`id`)
  reason: foreign key `a`.`fa`: dropped and added again: column `a`.`b` changes; fails while a row has no parent
add_foreign_key: ALTER TABLE `b` ADD CONSTRAINT `fb` FOREIGN KEY (`a`) REFERENCES `a` (`id`)
  reason: foreign key `b`.`fb`: dropped and added again: column `b`.`a` changes; fails while a row has no parent
-- expect mysql
drop_foreign_key: ALTER TABLE `a` DROP FOREIGN KEY `fa`
  reason: foreign key `a`.`fa`: dropped and added again: column `a`.`b` changes
drop_foreign_key: ALTER TABLE `b` DROP FOREIGN KEY `fb`
  reason: foreign key `b`.`fb`: dropped and added again: column `b`.`a` changes
modify_column: ALTER TABLE `a` MODIFY COLUMN `id` bigint NOT NULL, MODIFY COLUMN `b` bigint DEFAULT NULL
modify_column: ALTER TABLE `b` MODIFY COLUMN `id` bigint NOT NULL, MODIFY COLUMN `a` bigint DEFAULT NULL
add_foreign_key: ALTER TABLE `a` ADD CONSTRAINT `fa` FOREIGN KEY (`b`) REFERENCES `b` (`id`)
  reason: foreign key `a`.`fa`: dropped and added again: column `a`.`b` changes; fails while a row has no parent
add_foreign_key: ALTER TABLE `b` ADD CONSTRAINT `fb` FOREIGN KEY (`a`) REFERENCES `a` (`id`)
  reason: foreign key `b`.`fb`: dropped and added again: column `b`.`a` changes; fails while a row has no parent
