-- A FULLTEXT key with a parser
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, a TEXT, FULLTEXT KEY fa (a));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a TEXT, FULLTEXT KEY fa (a) WITH PARSER ngram);
-- expect
drop_index: ALTER TABLE `t` DROP INDEX `fa`
add_index: ALTER TABLE `t` ADD FULLTEXT KEY `fa` (`a`) WITH PARSER `ngram`
