-- A column changes its type on both sides of two foreign keys
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE d (id INT PRIMARY KEY, pid INT NOT NULL, CONSTRAINT fk2 FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE);
-- data
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (1, 1);
-- after
CREATE TABLE p (id BIGINT UNSIGNED PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid BIGINT UNSIGNED, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE d (id INT PRIMARY KEY, pid BIGINT UNSIGNED NOT NULL, CONSTRAINT fk2 FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE);
-- expect mariadb
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `fk1`
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`pid` changes
drop_foreign_key: ALTER TABLE `d` DROP FOREIGN KEY `fk2`
  reason: foreign key `d`.`fk2`: dropped and added again: column `d`.`pid` changes
modify_column: ALTER TABLE `c` MODIFY COLUMN `pid` bigint(20) unsigned DEFAULT NULL
  reason: column `c`.`pid`: a strict server refuses values outside 0 and more
modify_column: ALTER TABLE `d` MODIFY COLUMN `pid` bigint(20) unsigned NOT NULL
  reason: column `d`.`pid`: a strict server refuses values outside 0 and more
modify_column: ALTER TABLE `p` MODIFY COLUMN `id` bigint(20) unsigned NOT NULL
  reason: column `p`.`id`: a strict server refuses values outside 0 and more
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
add_foreign_key: ALTER TABLE `d` ADD CONSTRAINT `fk2` FOREIGN KEY (`pid`) REFERENCES `p` (`id`) ON DELETE CASCADE
  reason: foreign key `d`.`fk2`: dropped and added again: column `d`.`pid` changes; fails while a row has no parent
-- expect mysql
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `fk1`
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`pid` changes
drop_foreign_key: ALTER TABLE `d` DROP FOREIGN KEY `fk2`
  reason: foreign key `d`.`fk2`: dropped and added again: column `d`.`pid` changes
modify_column: ALTER TABLE `c` MODIFY COLUMN `pid` bigint unsigned DEFAULT NULL
  reason: column `c`.`pid`: a strict server refuses values outside 0 and more
modify_column: ALTER TABLE `d` MODIFY COLUMN `pid` bigint unsigned NOT NULL
  reason: column `d`.`pid`: a strict server refuses values outside 0 and more
modify_column: ALTER TABLE `p` MODIFY COLUMN `id` bigint unsigned NOT NULL
  reason: column `p`.`id`: a strict server refuses values outside 0 and more
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
add_foreign_key: ALTER TABLE `d` ADD CONSTRAINT `fk2` FOREIGN KEY (`pid`) REFERENCES `p` (`id`) ON DELETE CASCADE
  reason: foreign key `d`.`fk2`: dropped and added again: column `d`.`pid` changes; fails while a row has no parent
