Rows without a parent under a foreign key that stays, in a table that is copied, for another column or another foreign key.
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE good (id INT PRIMARY KEY, pid INT, n INT, CONSTRAINT f1 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE bad (id INT PRIMARY KEY, pid INT, n INT, CONSTRAINT f2 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE more (id INT PRIMARY KEY, pid INT, n INT, CONSTRAINT f3 FOREIGN KEY (pid) REFERENCES p (id));
-- data
SET foreign_key_checks = 0;
INSERT INTO p VALUES (1);
INSERT INTO good VALUES (1, 1, 1), (2, NULL, 2);
INSERT INTO bad VALUES (1, 1, 1), (2, 7, 2);
INSERT INTO more VALUES (1, 7, 1);
SET foreign_key_checks = 1;
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE good (id INT PRIMARY KEY, pid INT, n BIGINT, CONSTRAINT f1 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE bad (id INT PRIMARY KEY, pid INT, n BIGINT, CONSTRAINT f2 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE more (id INT PRIMARY KEY, pid INT, n INT, CONSTRAINT f3 FOREIGN KEY (pid) REFERENCES p (id), CONSTRAINT f4 FOREIGN KEY (n) REFERENCES p (id));
-- expect mariadb
modify_column: ALTER TABLE `bad` MODIFY COLUMN `n` bigint(20) DEFAULT NULL
modify_column: ALTER TABLE `good` MODIFY COLUMN `n` bigint(20) DEFAULT NULL
add_index: ALTER TABLE `more` ADD KEY `f4` (`n`)
add_foreign_key: ALTER TABLE `more` ADD CONSTRAINT `f4` FOREIGN KEY (`n`) REFERENCES `p` (`id`)
  reason: foreign key `more`.`f4`: fails while a row has no parent
-- expect mysql
modify_column: ALTER TABLE `bad` MODIFY COLUMN `n` bigint DEFAULT NULL
  found: 1 row of `bad` violates foreign key `f2`: no such row in `p`, e.g. `id` 2
modify_column: ALTER TABLE `good` MODIFY COLUMN `n` bigint DEFAULT NULL
add_index: ALTER TABLE `more` ADD KEY `f4` (`n`)
add_foreign_key: ALTER TABLE `more` ADD CONSTRAINT `f4` FOREIGN KEY (`n`) REFERENCES `p` (`id`)
  reason: foreign key `more`.`f4`: fails while a row has no parent
  found: 1 row of `more` violates foreign key `f3`: no such row in `p`, e.g. `id` 1
refused: 1452: ALTER TABLE `bad` MODIFY COLUMN `n` bigint DEFAULT NULL
refused: 1452: ALTER TABLE `more` ADD CONSTRAINT `f4` FOREIGN KEY (`n`) REFERENCES `p` (`id`)
