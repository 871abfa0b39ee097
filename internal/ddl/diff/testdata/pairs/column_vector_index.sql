-- An index over vectors
-- servers mariadb-11
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VECTOR(4) NOT NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VECTOR(4) NOT NULL, VECTOR KEY vk (v) M=8 DISTANCE=cosine);
-- expect
add_index: ALTER TABLE `t` ADD VECTOR KEY `vk` (`v`) `M`='8' `DISTANCE`='cosine'
