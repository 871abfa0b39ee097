-- What counts is no longer the primary key
-- before
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, u INT NOT NULL);
-- after
CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT, u INT NOT NULL, PRIMARY KEY (u), UNIQUE KEY (id));
-- expect
alter_table: ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`u`), ADD UNIQUE KEY `id` (`id`)
  reason: primary key of `t`: fails while two rows hold the same values; index `t`.`id`: fails while two rows hold the same values
