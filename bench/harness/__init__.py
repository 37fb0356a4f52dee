"""What every subject is measured with: contenders in processes of their own, rounds, reports."""
