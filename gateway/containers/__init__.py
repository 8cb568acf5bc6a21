"""What holds records and secures none of them, one file each."""
