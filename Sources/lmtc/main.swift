print("lmtc")
