-- The index that a server made for a foreign key which its engine ignored has the name of the key that comes, in capitals
-- before
CREATE TABLE p (id INT PRIMARY KEY) ENGINE=MyISAM;
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT FK_P FOREIGN KEY (pid) REFERENCES p (id)) ENGINE=MyISAM;
-- after
CREATE TABLE p (id INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT fk_p FOREIGN KEY (pid) REFERENCES p (id)) ENGINE=InnoDB;
-- expect
change_table_options: ALTER TABLE `c` ENGINE=InnoDB
  reason: table `c`: the table moves from the engine MyISAM to InnoDB
change_table_options: ALTER TABLE `p` ENGINE=InnoDB
  reason: table `p`: the table moves from the engine MyISAM to InnoDB
alter_table: ALTER TABLE `c` DROP INDEX `fk_p`, ADD KEY `fk_p` (`pid`), ADD CONSTRAINT `fk_p` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: index `c`.`fk_p`: added again, because a server that made it for a foreign key would give it up for the new one; foreign key `c`.`fk_p`: fails while a row has no parent
