# ============================================================
#  Orphaned readmes
# ============================================================
import argparse

from pyatlan.client.atlan import AtlanClient

# ---- helpers -----------------------------------------------

def orphaned(client):   
    return [str(r) for r in client.search.readmes() if not r.asset is None]


# ---- main --------------------------------------------------

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="orphans.txt")
    args = parser.parse_args()   

    #################
    # search        #
    #################
    found = orphaned(AtlanClient())

    # ---- output ----
    with open(args.out, "w") as f:
        f.write("\n".join(found))
    print(len(found), "in", args.out)
