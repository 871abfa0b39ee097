-- A text key changes its collation on both sides
-- before
CREATE TABLE p (k VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, k VARCHAR(10) COLLATE utf8mb4_general_ci, CONSTRAINT fk1 FOREIGN KEY (k) REFERENCES p (k));
-- after
CREATE TABLE p (k VARCHAR(10) COLLATE utf8mb4_bin PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, k VARCHAR(10) COLLATE utf8mb4_bin, CONSTRAINT fk1 FOREIGN KEY (k) REFERENCES p (k));
-- expect
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `fk1`
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`k` changes
modify_column: ALTER TABLE `c` MODIFY COLUMN `k` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
  reason: column `c`.`k`: its collation changes from utf8mb4_general_ci to utf8mb4_bin
modify_column: ALTER TABLE `p` MODIFY COLUMN `k` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
  reason: column `p`.`k`: its collation changes from utf8mb4_general_ci to utf8mb4_bin
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`k`) REFERENCES `p` (`k`)
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`k` changes; fails while a row has no parent
