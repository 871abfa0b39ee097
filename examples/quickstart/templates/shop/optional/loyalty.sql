-- landlord:description: Points that customers collect with orders and spend as vouchers

CREATE TABLE loyalty_levels (
  id         TINYINT UNSIGNED NOT NULL,
  name       VARCHAR(50) NOT NULL,
  min_points INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_loyalty_levels_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='What points make of a customer';

CREATE TABLE loyalty_entries (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  customer_id BIGINT UNSIGNED NOT NULL,
  order_id    BIGINT UNSIGNED NULL COMMENT 'NULL: granted by hand',
  points      INT NOT NULL COMMENT 'Negative: spent',
  entered_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_loyalty_entries_customer (customer_id, entered_at),
  KEY ix_loyalty_entries_order (order_id),
  CONSTRAINT fk_loyalty_entries_customer FOREIGN KEY (customer_id)
    REFERENCES customers (id) ON DELETE CASCADE,
  CONSTRAINT fk_loyalty_entries_order FOREIGN KEY (order_id)
    REFERENCES orders (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Points earned and spent';
