A stored computed column goes, and what it is computed of gets a foreign key with an action that servers refuse under one.
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE t (id INT PRIMARY KEY, a INT, g VARCHAR(20) AS (CONCAT('x', a)) STORED);
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE);
-- expect
alter_table: ALTER TABLE `t` DROP COLUMN `g`, ADD KEY `f` (`a`)
  reason: column `t`.`g`: its values are computed and come back with the column
add_foreign_key: ALTER TABLE `t` ADD CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE
  reason: foreign key `t`.`f`: fails while a row has no parent
