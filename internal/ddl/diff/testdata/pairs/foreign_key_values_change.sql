-- The values on both sides of a foreign key change: the rows must meet in those that they will hold
-- before
CREATE TABLE p (id INT PRIMARY KEY, a INT, g INT AS (a * 2) STORED, UNIQUE KEY (g));
CREATE TABLE c (id INT PRIMARY KEY, g INT, CONSTRAINT f FOREIGN KEY (g) REFERENCES p (g));
CREATE TABLE p2 (id INT PRIMARY KEY, a INT, g INT AS (a * 2) STORED, UNIQUE KEY (g));
CREATE TABLE c2 (id INT PRIMARY KEY, a INT, g INT AS (a * 2) STORED, CONSTRAINT f2 FOREIGN KEY (g) REFERENCES p2 (g));
CREATE TABLE p3 (code VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY);
CREATE TABLE c3 (id INT PRIMARY KEY, code VARCHAR(10) COLLATE utf8mb4_general_ci, CONSTRAINT f3 FOREIGN KEY (code) REFERENCES p3 (code));
-- data
INSERT INTO p (id, a) VALUES (1, 1);
INSERT INTO c VALUES (1, 2);
INSERT INTO p2 (id, a) VALUES (1, 1), (2, 5);
INSERT INTO c2 (id, a) VALUES (1, 5);
INSERT INTO p3 VALUES ('a'), ('b');
INSERT INTO c3 VALUES (1, 'A'), (2, 'b');
-- after
CREATE TABLE p (id INT PRIMARY KEY, a INT, g INT AS (a * 3) STORED, UNIQUE KEY (g));
CREATE TABLE c (id INT PRIMARY KEY, g INT, CONSTRAINT f FOREIGN KEY (g) REFERENCES p (g));
CREATE TABLE p2 (id INT PRIMARY KEY, a INT, g INT AS (a * 3) STORED, UNIQUE KEY (g));
CREATE TABLE c2 (id INT PRIMARY KEY, a INT, g INT AS (a * 3) STORED, CONSTRAINT f2 FOREIGN KEY (g) REFERENCES p2 (g));
CREATE TABLE p3 (code VARCHAR(10) COLLATE utf8mb4_bin PRIMARY KEY);
CREATE TABLE c3 (id INT PRIMARY KEY, code VARCHAR(10) COLLATE utf8mb4_bin, CONSTRAINT f3 FOREIGN KEY (code) REFERENCES p3 (code));
-- expect mariadb
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
  reason: foreign key `c`.`f`: dropped and added again: column `p`.`g` changes
drop_foreign_key: ALTER TABLE `c2` DROP FOREIGN KEY `f2`
  reason: foreign key `c2`.`f2`: dropped and added again: column `c2`.`g` changes
drop_foreign_key: ALTER TABLE `c3` DROP FOREIGN KEY `f3`
  reason: foreign key `c3`.`f3`: dropped and added again: column `c3`.`code` changes
modify_column: ALTER TABLE `c2` MODIFY COLUMN `g` int(11) GENERATED ALWAYS AS (`a` * 3) STORED
  reason: column `c2`.`g`: its values are computed again
modify_column: ALTER TABLE `c3` MODIFY COLUMN `code` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
  reason: column `c3`.`code`: its collation changes from utf8mb4_general_ci to utf8mb4_bin
modify_column: ALTER TABLE `p` MODIFY COLUMN `g` int(11) GENERATED ALWAYS AS (`a` * 3) STORED
  reason: column `p`.`g`: its values are computed again
modify_column: ALTER TABLE `p2` MODIFY COLUMN `g` int(11) GENERATED ALWAYS AS (`a` * 3) STORED
  reason: column `p2`.`g`: its values are computed again
modify_column: ALTER TABLE `p3` MODIFY COLUMN `code` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
  reason: column `p3`.`code`: its collation changes from utf8mb4_general_ci to utf8mb4_bin
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`g`) REFERENCES `p` (`g`)
  reason: foreign key `c`.`f`: dropped and added again: column `p`.`g` changes; fails while a row has no parent
  found: 1 row of `c` violates foreign key `f`: no such row in `p`, e.g. `id` 1
add_foreign_key: ALTER TABLE `c2` ADD CONSTRAINT `f2` FOREIGN KEY (`g`) REFERENCES `p2` (`g`)
  reason: foreign key `c2`.`f2`: dropped and added again: column `c2`.`g` changes; fails while a row has no parent
add_foreign_key: ALTER TABLE `c3` ADD CONSTRAINT `f3` FOREIGN KEY (`code`) REFERENCES `p3` (`code`)
  reason: foreign key `c3`.`f3`: dropped and added again: column `c3`.`code` changes; fails while a row has no parent
  found: 1 row of `c3` violates foreign key `f3`: no such row in `p3`, e.g. `id` 1
refused: 1452: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`g`) REFERENCES `p` (`g`)
refused: 1452: ALTER TABLE `c3` ADD CONSTRAINT `f3` FOREIGN KEY (`code`) REFERENCES `p3` (`code`)
-- expect mysql
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
  reason: foreign key `c`.`f`: dropped and added again: column `p`.`g` changes
drop_foreign_key: ALTER TABLE `c2` DROP FOREIGN KEY `f2`
  reason: foreign key `c2`.`f2`: dropped and added again: column `c2`.`g` changes
drop_foreign_key: ALTER TABLE `c3` DROP FOREIGN KEY `f3`
  reason: foreign key `c3`.`f3`: dropped and added again: column `c3`.`code` changes
modify_column: ALTER TABLE `c2` MODIFY COLUMN `g` int GENERATED ALWAYS AS ((`a` * 3)) STORED
  reason: column `c2`.`g`: its values are computed again
modify_column: ALTER TABLE `c3` MODIFY COLUMN `code` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
  reason: column `c3`.`code`: its collation changes from utf8mb4_general_ci to utf8mb4_bin
modify_column: ALTER TABLE `p` MODIFY COLUMN `g` int GENERATED ALWAYS AS ((`a` * 3)) STORED
  reason: column `p`.`g`: its values are computed again
modify_column: ALTER TABLE `p2` MODIFY COLUMN `g` int GENERATED ALWAYS AS ((`a` * 3)) STORED
  reason: column `p2`.`g`: its values are computed again
modify_column: ALTER TABLE `p3` MODIFY COLUMN `code` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
  reason: column `p3`.`code`: its collation changes from utf8mb4_general_ci to utf8mb4_bin
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`g`) REFERENCES `p` (`g`)
  reason: foreign key `c`.`f`: dropped and added again: column `p`.`g` changes; fails while a row has no parent
  found: 1 row of `c` violates foreign key `f`: no such row in `p`, e.g. `id` 1
add_foreign_key: ALTER TABLE `c2` ADD CONSTRAINT `f2` FOREIGN KEY (`g`) REFERENCES `p2` (`g`)
  reason: foreign key `c2`.`f2`: dropped and added again: column `c2`.`g` changes; fails while a row has no parent
add_foreign_key: ALTER TABLE `c3` ADD CONSTRAINT `f3` FOREIGN KEY (`code`) REFERENCES `p3` (`code`)
  reason: foreign key `c3`.`f3`: dropped and added again: column `c3`.`code` changes; fails while a row has no parent
  found: 1 row of `c3` violates foreign key `f3`: no such row in `p3`, e.g. `id` 1
refused: 1452: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`g`) REFERENCES `p` (`g`)
refused: 1452: ALTER TABLE `c3` ADD CONSTRAINT `f3` FOREIGN KEY (`code`) REFERENCES `p3` (`code`)
