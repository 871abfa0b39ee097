-- MariaDB keeps the check of a column with the column
-- servers mariadb
-- before
CREATE TABLE t (id INT PRIMARY KEY CHECK (id > 0), a INT CHECK (a > 0), b INT CHECK (b > 0), c INT);
-- after
CREATE TABLE t (id INT PRIMARY KEY CHECK (id > 0), a INT CHECK (a > 1), b INT, c INT CHECK (c < 5));
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` int(11) DEFAULT NULL CHECK (`a` > 1), MODIFY COLUMN `b` int(11) DEFAULT NULL, MODIFY COLUMN `c` int(11) DEFAULT NULL CHECK (`c` < 5)
  reason: column `t`.`a`: fails while a row violates it; column `t`.`c`: fails while a row violates it
