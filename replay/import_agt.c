#include "replay/inside.h"
enum err import_agt_audit(struct importing *im) { (void)im; return ERR_USAGE; }
enum err import_agt_filesink(struct importing *im) { (void)im; return ERR_USAGE; }
