-- A foreign key leaves the primary key of its parent for a unique one
-- before
CREATE TABLE p (id INT NOT NULL, u INT NOT NULL, PRIMARY KEY (id), UNIQUE KEY ku (u));
CREATE TABLE c (id INT PRIMARY KEY, pu INT, CONSTRAINT f FOREIGN KEY (pu) REFERENCES p (id));
-- after
CREATE TABLE p (id INT NOT NULL, u INT NOT NULL, PRIMARY KEY (u), UNIQUE KEY ki (id));
CREATE TABLE c (id INT PRIMARY KEY, pu INT, CONSTRAINT f FOREIGN KEY (pu) REFERENCES p (id));
-- expect
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
  reason: foreign key `c`.`f`: dropped and added again: the key of `p` that it stands on changes
alter_table: ALTER TABLE `p` DROP PRIMARY KEY, DROP INDEX `ku`, ADD PRIMARY KEY (`u`), ADD UNIQUE KEY `ki` (`id`)
  reason: primary key of `p`: fails while two rows hold the same values; index `p`.`ki`: fails while two rows hold the same values
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pu`) REFERENCES `p` (`id`)
  reason: foreign key `c`.`f`: dropped and added again: the key of `p` that it stands on changes; fails while a row has no parent
