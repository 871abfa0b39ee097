-- Objects of every kind at once
-- before
CREATE TABLE p (id INT PRIMARY KEY, v VARCHAR(20), old INT);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (id));
CREATE VIEW w AS SELECT id, old FROM p;
CREATE TRIGGER tr AFTER INSERT ON c FOR EACH ROW UPDATE p SET old = 1 WHERE id = NEW.pid;
CREATE PROCEDURE pr() SELECT old FROM p;
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM c;
-- after
CREATE TABLE p (id BIGINT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(50) NOT NULL DEFAULT 'x', fresh INT);
CREATE TABLE c (id INT PRIMARY KEY, pid BIGINT, CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (id));
CREATE FUNCTION plus(a INT) RETURNS INT DETERMINISTIC NO SQL RETURN a + 1;
CREATE VIEW w AS SELECT id, fresh, plus(fresh) AS more FROM p;
CREATE TRIGGER tr AFTER INSERT ON c FOR EACH ROW UPDATE p SET fresh = 1 WHERE id = NEW.pid;
CREATE PROCEDURE pr() SELECT fresh FROM p;
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM c WHERE id < 5;
-- expect mariadb
drop_trigger: DROP TRIGGER `tr`
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
  reason: foreign key `c`.`f`: dropped and added again: column `c`.`pid` changes
modify_column: ALTER TABLE `c` MODIFY COLUMN `pid` bigint(20) DEFAULT NULL
alter_table: ALTER TABLE `p` MODIFY COLUMN `id` bigint(20) NOT NULL AUTO_INCREMENT, MODIFY COLUMN `v` varchar(50) NOT NULL DEFAULT 'x', ADD COLUMN `fresh` int(11) DEFAULT NULL
  reason: column `p`.`v`: fails while a row holds NULL
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `c`.`f`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
create_function: CREATE DEFINER=me FUNCTION `plus`(a INT) RETURNS int(11) NO SQL DETERMINISTIC RETURN a + 1
drop_procedure: DROP PROCEDURE `pr`
create_procedure: CREATE DEFINER=me PROCEDURE `pr`() SELECT fresh FROM p
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `w` AS select `p`.`id` AS `id`,`p`.`fresh` AS `fresh`,`plus`(`p`.`fresh`) AS `more` from `p`
create_trigger: CREATE DEFINER=me TRIGGER `tr` AFTER INSERT ON `c` FOR EACH ROW UPDATE p SET fresh = 1 WHERE id = NEW.pid
drop_event: DROP EVENT `ev`
create_event: CREATE DEFINER=me EVENT `ev` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE DO DELETE FROM c WHERE id < 5
drop_column: ALTER TABLE `p` DROP COLUMN `old`
  lost: column `p`.`old` with its values
-- expect mysql
drop_trigger: DROP TRIGGER `tr`
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
  reason: foreign key `c`.`f`: dropped and added again: column `c`.`pid` changes
modify_column: ALTER TABLE `c` MODIFY COLUMN `pid` bigint DEFAULT NULL
alter_table: ALTER TABLE `p` MODIFY COLUMN `id` bigint NOT NULL AUTO_INCREMENT, MODIFY COLUMN `v` varchar(50) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'x', ADD COLUMN `fresh` int DEFAULT NULL
  reason: column `p`.`v`: fails while a row holds NULL
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `c`.`f`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
create_function: CREATE DEFINER=me FUNCTION `plus`(a INT) RETURNS int NO SQL DETERMINISTIC RETURN a + 1
drop_procedure: DROP PROCEDURE `pr`
create_procedure: CREATE DEFINER=me PROCEDURE `pr`() SELECT fresh FROM p
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `w` AS select `p`.`id` AS `id`,`p`.`fresh` AS `fresh`,`plus`(`p`.`fresh`) AS `more` from `p`
create_trigger: CREATE DEFINER=me TRIGGER `tr` AFTER INSERT ON `c` FOR EACH ROW UPDATE p SET fresh = 1 WHERE id = NEW.pid
drop_event: DROP EVENT `ev`
create_event: CREATE DEFINER=me EVENT `ev` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE DO DELETE FROM c WHERE id < 5
drop_column: ALTER TABLE `p` DROP COLUMN `old`
  lost: column `p`.`old` with its values
