// What a process that reads a stranger's file keeps of its powers. Each throws std::runtime_error where the kernel
// refuses. There is no way back.
#pragma once

namespace caravel {

// No program, no socket, no new process, no signal to others, no change to any file, no new privilege: for all threads.
void no_way_out();

// Of the file system this thread, and those it starts, can open nothing but the libraries, their settings and this file
// from now on; where the kernel has no Landlock, all that its user can.
void only_read(const char* picture);

}  // namespace caravel
