-- A primary key goes and comes
-- before
CREATE TABLE t (id INT NOT NULL, a INT, PRIMARY KEY (id));
CREATE TABLE u (id INT NOT NULL, a INT);
-- after
CREATE TABLE t (id INT NOT NULL, a INT);
CREATE TABLE u (id INT NOT NULL, a INT, PRIMARY KEY (id));
-- expect
drop_primary_key: ALTER TABLE `t` DROP PRIMARY KEY
add_primary_key: ALTER TABLE `u` ADD PRIMARY KEY (`id`)
  reason: primary key of `u`: fails while two rows hold the same values
