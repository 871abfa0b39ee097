-- Another order of the primary key
-- before
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a));
-- after
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (b, a));
-- expect
alter_table: ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`b`,`a`)
  reason: primary key of `t`: fails while two rows hold the same values
