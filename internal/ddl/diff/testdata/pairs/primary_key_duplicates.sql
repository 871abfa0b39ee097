-- A primary key over rows that are the same in it
-- before
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a));
-- data
INSERT INTO t VALUES (1, 5), (2, 5), (3, 6);
-- after
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (b));
-- expect
alter_table: ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`b`)
  reason: primary key of `t`: fails while two rows hold the same values
  found: 2 rows of `t` violate the primary key, e.g. `b` 5
refused: 1062: ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`b`)
