/* main: the program is a table look-up; see command_line.c. */
#include "tui/command.h"

int main(int argc, char **argv)
{
	return command_main(argc, argv);
}
