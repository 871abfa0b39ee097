-- A small chart of accounts in the default currency, to start from.
INSERT INTO financial_accounts (code, name, account_type, currency) VALUES
  ('1000', 'Cash', 'asset', 'USD'),
  ('1100', 'Bank', 'asset', 'USD'),
  ('1200', 'Receivables', 'asset', 'USD'),
  ('2000', 'Payables', 'liability', 'USD'),
  ('3000', 'Equity', 'equity', 'USD'),
  ('4000', 'Income', 'income', 'USD'),
  ('5000', 'Expenses', 'expense', 'USD');
