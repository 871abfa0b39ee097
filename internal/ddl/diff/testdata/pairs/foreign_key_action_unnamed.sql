-- Another action of a foreign key without a name: the server would give up the index that it has made
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE);
-- expect
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `c_ibfk_1`
alter_table: ALTER TABLE `c` DROP INDEX `pid`, ADD KEY `pid` (`pid`), ADD CONSTRAINT `c_ibfk_1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`) ON DELETE CASCADE
  reason: index `c`.`pid`: added again, because a server that made it for a foreign key would give it up for the new one; foreign key `c`.`c_ibfk_1`: fails while a row has no parent
