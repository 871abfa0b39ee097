-- A wider index takes the place of the one for a foreign key
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, x INT, KEY kp (pid), CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, x INT, KEY kpx (pid, x), CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (id));
-- expect
alter_table: ALTER TABLE `c` DROP INDEX `kp`, ADD KEY `kpx` (`pid`,`x`)
