-- A table changes its engine
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT) ENGINE = MyISAM;
CREATE TABLE u (id INT PRIMARY KEY, a INT) ENGINE = InnoDB;
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT) ENGINE = InnoDB;
CREATE TABLE u (id INT PRIMARY KEY, a INT, KEY (a)) ENGINE = MyISAM DELAY_KEY_WRITE = 1;
-- expect
change_table_options: ALTER TABLE `t` ENGINE=InnoDB
  reason: table `t`: the table moves from the engine MyISAM to InnoDB
alter_table: ALTER TABLE `u` ADD KEY `a` (`a`), ENGINE=MyISAM, DELAY_KEY_WRITE=1
  reason: table `u`: the table moves from the engine InnoDB to MyISAM
