CREATE TABLE people (
  id INT NOT NULL AUTO_INCREMENT,
  full_name VARCHAR(120) NOT NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
) COMMENT='customers of the customer';

-- Records are for auditors. Nobody adds anything to this table.
CREATE TABLE audit (
  id BIGINT NOT NULL AUTO_INCREMENT,
  what VARCHAR(255) NOT NULL,
  at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id)
);
